/// An error that the guard threw, with the caller: the error page then has their navigation.
struct Refused: Error {
    let problem: Problem
    let caller: Caller
}
