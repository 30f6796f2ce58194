mod asking;
mod completing;
