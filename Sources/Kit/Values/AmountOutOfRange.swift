/// A sum that does not fit 64 bits of cents. Nothing is booked.
package struct AmountOutOfRange: Error, CustomStringConvertible {
    package init() {}
    package var description: String { "the amount is out of range" }
}
