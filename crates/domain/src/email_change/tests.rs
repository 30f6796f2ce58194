//mod confirm;
//mod dispute;
mod model;
//mod panel;
//mod pending;
//mod request;
