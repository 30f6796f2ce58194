//! Rightful.
