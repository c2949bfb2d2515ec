extension Run {
    /// People open the letters that have come, and use their links: some twice at once, in two processes if there are
    /// more. Who gets no answer tries again, as soon as the program is back.
    func readMail() throws {
        for link in desk.newLinks() {
            var (left, tries) = (desk.uses(), 0)
            while left > 0, tries < 5 {
                if working.isEmpty { try comeBack() }
                let up = working
                guard !up.isEmpty else { break }
                let node = up[tries % up.count]
                guard let exchange = node.exchange else { break }
                tries += 1
                if try at(node, { try desk.use(link, exchange) }) { left -= 1 }
            }
        }
    }

    private func comeBack() throws {
        for node in nodes where !node.isUp {
            if node.exchange != nil { die(node) }
            try restart(node)
        }
    }
}
