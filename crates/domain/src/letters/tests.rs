mod model;
mod postroom;
