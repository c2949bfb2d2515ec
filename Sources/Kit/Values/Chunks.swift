extension Collection {
    /// The elements in their order, at most `size` together: for statements that take only so many at once.
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
