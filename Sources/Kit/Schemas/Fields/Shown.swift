/// A type that is shown as the same resource everywhere.
package protocol Shown: JSONWritable {
    static var resource: Resource<Self> { get }
}

extension Shown {
    package static var schema: Schema { resource.schema }
    package func write(to json: inout JSONWriter) { Self.resource.write(self, to: &json) }
}
