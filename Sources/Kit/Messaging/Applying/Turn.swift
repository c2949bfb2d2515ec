/// What a relay or a subscription did in one step.
package enum Turn: Sendable {
    /// Something was done: call again at once.
    case more
    /// There is nothing to do until something happens.
    case idle
    /// Blocked by something else (another owner's lease, a gap in the log): call again in a moment.
    case blocked
}
