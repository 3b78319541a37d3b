use super::*;

#[test]
fn counts_of_a_function_are_added_up_and_its_file_left_out() {
    let text = "--------\n 3,000 (100.0%)  PROGRAM TOTALS\n\n 1,234 (41.1%)  ./nptl/lock.c:<impl [T]>::lock [/lib/libc.so.6]\n   766 (25.5%)  \
                ???:gateway::request::serve [/x/warm-path]\n   766 (25.5%)  ???:gateway::request::serve [/x/warm-path]\n";
    let found = parse(text);
    assert_eq!(found.get("<impl [T]>::lock"), Some(&1234));
    assert_eq!(found.len(), 2);
    assert_eq!(found.values().sum::<u64>(), 2766);
}

#[test]
fn shares_are_read_with_the_kernels_mark() {
    let text = "# Overhead  Symbol\n#\n    12.34%  [k] tcp_sendmsg\n     1.00%  [.] gateway::head::check\n";
    let expect = [("[k] tcp_sendmsg".to_owned(), 12.34), ("[.] gateway::head::check".to_owned(), 1.0)];
    assert_eq!(shares(text), expect);
}
