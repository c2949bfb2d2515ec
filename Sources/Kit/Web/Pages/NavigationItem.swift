/// A link in the navigation.
package struct NavigationItem: Sendable {
    /// Catalogue key.
    package let title: String
    package let path: String
    package let access: Endpoint.Access
    /// The sort order of items, over all services: 100 to 199 work, 200 to 299 money, 300 to 399 administration.
    package let order: Int
    /// The path of the fragment with the number of waiting items, see
    /// ``Endpoint/count(_:access:about:as:topics:run:)``.
    package let count: String?

    package init(title: String, path: String, access: Endpoint.Access, order: Int, count: String? = nil) {
        self.title = title
        self.path = path
        self.access = access
        self.order = order
        self.count = count
    }
}
