import Foundation

/// A network address, IPv4 or IPv6. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) equals that IPv4
/// address.
package struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
    /// Always 16: an IPv4 address is stored inside ``mapped``.
    fileprivate let bytes: [UInt8]

    private static let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    /// `nil` for anything but a bare address: `192.0.2.1`, `2001:db8::1`. A zone (`fe80::1%eth0`) is dropped.
    package init?(_ text: some StringProtocol) {
        self.init(Array(text.utf8)[...])
    }

    /// An address as proxies write it: white space, brackets and a port are allowed (`192.0.2.1:443`, `[2001:db8::1]`,
    /// `[2001:db8::1]:443`).
    package init?(hop text: some StringProtocol) {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
            bytes.first == UInt8(ascii: ":") && (2...6).contains(bytes.count)
                && bytes.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
        }
        var bytes = Array(text.utf8)[...]
        bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        let colon = UInt8(ascii: ":")
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            let inside = bytes[(bytes.startIndex + 1)..<close]
            let rest = bytes[(close + 1)...]
            guard inside.contains(colon), rest.isEmpty || isPort(rest) else { return nil }
            self.init(inside)
        } else if let only = bytes.firstIndex(of: colon), bytes.lastIndex(of: colon) == only {
            guard isPort(bytes[only...]) else { return nil }
            self.init(bytes[..<only])
        } else {
            self.init(bytes)
        }
    }

    private init?(_ text: ArraySlice<UInt8>) {
        let address = text.prefix { $0 != UInt8(ascii: "%") }
        // The C library stops at a NUL.
        guard address.count <= 45, !address.contains(0) else { return nil }
        let written = String(decoding: address, as: UTF8.self)
        var four = in_addr()
        var six = in6_addr()
        if address.count == text.count, inet_pton(AF_INET, written, &four) == 1 {
            bytes = NetworkAddress.mapped + withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, written, &six) == 1 {
            bytes = withUnsafeBytes(of: &six) { Array($0) }
        } else {
            return nil
        }
    }

    fileprivate var isIPv4: Bool { bytes.starts(with: NetworkAddress.mapped) }

    /// Whether this is a loopback address.
    package var isLoopback: Bool {
        isIPv4 ? bytes[12] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// Whether this is the usual loopback address, `127.0.0.1` or `::1`.
    package var isThisMachine: Bool { isLoopback && bytes[13] == 0 && bytes[14] == 0 && bytes[15] == 1 }

    /// Whether a host, as written in a URL (IPv6 with or without brackets), is the local machine.
    package static func isHere(_ host: String) -> Bool {
        host.lowercased() == "localhost" || NetworkAddress(hop: host)?.isLoopback == true
    }

    /// What is counted as one subscriber: an IPv4 address, or the first 64 bits of an IPv6 address.
    package var subscriber: String {
        isIPv4 ? description : groups(4)
    }

    /// What is counted as one site, which may have many subscribers: the first 48 bits of an IPv6 address. An IPv4
    /// address has none.
    package var site: String? { isIPv4 ? nil : groups(3) }

    private func groups(_ count: Int) -> String {
        stride(from: 0, to: 2 * count, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    }

    package var description: String {
        guard !isIPv4 else { return bytes.suffix(4).map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = bytes.withUnsafeBytes { inet_ntop(AF_INET6, $0.baseAddress, &text, socklen_t(text.count)) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Network addresses: single ones, and ranges such as `10.0.0.0/8` or `2001:db8::/32`.
package struct AddressSet: Sendable, Hashable {
    private struct Range: Sendable, Hashable {
        let base: NetworkAddress
        /// How many of the 128 bits are the same in the whole range.
        let bits: Int
    }

    private var ranges: [Range] = []

    package init() {}

    /// - Returns: `nil` if one of the comma-separated items is not an address or range.
    package init?(_ text: String) {
        for item in text.utf8.split(separator: UInt8(ascii: ",")) {
            let words = item.split { $0 == 0x20 || $0 == 0x09 }
            guard !words.isEmpty else { continue }
            let parts = words[0].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 1, parts.count <= 2, let base = NetworkAddress(parts[0]) else { return nil }
            let most = base.isIPv4 ? 32 : 128
            guard let bits = parts.count == 2 ? Int(parts[1]) : most, (1...most).contains(bits) else { return nil }
            ranges.append(Range(base: base, bits: bits + 128 - most))
        }
    }

    package var isEmpty: Bool { ranges.isEmpty }

    package func contains(_ address: NetworkAddress) -> Bool {
        ranges.contains { range in
            let whole = range.bits / 8
            guard address.bytes[..<whole] == range.base.bytes[..<whole] else { return false }
            let rest = range.bits % 8
            return rest == 0 || (address.bytes[whole] ^ range.base.bytes[whole]) >> UInt8(8 - rest) == 0
        }
    }

    /// Where a request comes from, if it came through these proxies. If the peer is not one of them, it is the peer.
    /// Otherwise it is the last address in `X-Forwarded-For` that is not one of them. If an entry names no address
    /// (`unknown`, `_hidden`), the proxy that added it counts as the origin, because anyone can write what stands
    /// before.
    package func caller(peer: NetworkAddress, forwardedFor chain: String?) -> NetworkAddress {
        guard contains(peer), let chain else { return peer }
        var caller = peer
        for hop in chain.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).reversed() {
            guard let address = NetworkAddress(hop: Substring(hop)) else { return caller }
            caller = address
            guard contains(address) else { break }
        }
        return caller
    }
}
