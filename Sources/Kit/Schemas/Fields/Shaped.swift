/// A type that is written and read by the same shape everywhere.
package protocol Shaped: JSONField {
    static var shape: Shape<Self> { get }
}

extension Shaped {
    package static var schema: Schema { shape.schema }
    package func write(to json: inout JSONWriter) { Self.shape.resource.write(self, to: &json) }
    package init(json: JSONText) throws(JSONMismatch) { self = try Self.shape.read(json) }
}
