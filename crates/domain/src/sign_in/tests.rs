mod again;
mod second_step;
mod signing_in;
