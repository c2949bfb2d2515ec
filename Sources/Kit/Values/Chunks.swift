extension Collection {
    /// The elements in order, in groups of at most `size`: for statements that take a limited number at once.
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
