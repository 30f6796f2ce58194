//! The program as its callers meet it: what it prints, how it ends, what it refuses.

mod audit_script;
mod commands;
mod development;
mod kill9;
mod process;
mod production;
mod tutorial;
