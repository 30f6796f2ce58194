mod again;
mod signing_in;
