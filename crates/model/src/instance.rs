//! The life of an instance as a pure state machine.
