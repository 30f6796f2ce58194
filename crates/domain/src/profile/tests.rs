mod password;
mod update;
