//! The launcher process alone, for this crate's own tests; the product enters the same function by `funcd launcher`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match sandbox::launcher::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
