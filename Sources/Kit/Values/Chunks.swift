extension Collection {
    /// The elements in order, in groups of at most `size`: for what takes a limited number at once, such as an
    /// event. Lists in statements are cut by `SQL.parts(of:)`.
    package func chunks(of size: Int) -> [[Element]] {
        var chunks: [[Element]] = []
        var rest = self[...]
        while !rest.isEmpty {
            chunks.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return chunks
    }
}
