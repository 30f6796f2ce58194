mod model;
mod service;
