/// The program has died. Everything that it was doing is over.
struct Crash: Error {}
