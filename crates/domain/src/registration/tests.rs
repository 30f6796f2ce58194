mod asking;
mod proving;
