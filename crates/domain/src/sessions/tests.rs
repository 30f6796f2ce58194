mod demanded;
mod model;
mod service;
