/// Which database a transaction runs on, for the few statements that cannot be the same on both.
package enum Dialect: Sendable {
    case sqlite
    case postgresql
}
