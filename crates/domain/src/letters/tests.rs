mod errands;
mod model;
mod postroom;
