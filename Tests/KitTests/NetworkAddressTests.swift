import Testing
import Values

@Suite("Network addresses")
struct NetworkAddressTests {
    @Test("A hop is an address with what proxies write around it; anything else is none")
    func hops() {
        let hops = [
            ("198.51.100.7", "198.51.100.7"), (" 198.51.100.7\t", "198.51.100.7"),
            ("198.51.100.7:40001", "198.51.100.7"), ("2001:DB8:0::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"), ("[2001:db8::7]:443", "2001:db8::7"),
            ("::ffff:198.51.100.7", "198.51.100.7"), ("[::ffff:c633:6407]:80", "198.51.100.7"),
            ("fe80::1%eth0", "fe80::1"), ("::1", "::1"),
        ]
        for (hop, address) in hops { #expect(NetworkAddress(hop: hop)?.description == address, "\(hop)") }
        let nobody = [
            "", " ", "unknown", "_hidden", "_hidden:80", "localhost", "198.51.100", "198.51.100.7:",
            "198.51.100.7:http",
            "198.51.100.7:123456", "198.51.100.256", "198.51.100.7 198.51.100.8", "198.51.100.7:80:80",
            "198.51.100.7%1",
            "[198.51.100.7]", "[2001:db8::7", "2001:db8::7]", "[2001:db8::7]443", "[]", "[]:80", ":80", "unix:",
            "\"[2001:db8::7]\"", "198.51.100.7\u{0}", "198.51.100.7\u{301}", "198.51.100.٧", "2001:db8::7::",
            String(repeating: "1", count: 20_000),
        ]
        for hop in nobody { #expect(NetworkAddress(hop: hop) == nil, "\(hop.prefix(40))") }
        for text in ["198.51.100.7:80", "[::1]", " ::1"] { #expect(NetworkAddress(text) == nil, "\(text)") }
    }

    @Test("A subscriber is an IPv4 address or 64 bits of an IPv6 one, a site 48; loopback is known in every form")
    func kinds() {
        let subscribers = [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:db8::1", "2001:db8:0:0"), ("::1", "0:0:0:0"),
            ("198.51.100.7", "198.51.100.7"), ("::ffff:198.51.100.7", "198.51.100.7"),
        ]
        for (text, subscriber) in subscribers { #expect(NetworkAddress(text)?.subscriber == subscriber) }
        #expect(NetworkAddress("2001:db8:1:2:3:4:5:6")?.site == "2001:db8:1")
        #expect(NetworkAddress("2001:db8::1")?.site == "2001:db8:0")
        for text in ["198.51.100.7", "::ffff:198.51.100.7"] { #expect(NetworkAddress(text)?.site == nil) }
        for own in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(NetworkAddress(own)?.isLoopback == true, "\(own)")
        }
        for other in ["128.0.0.1", "10.0.0.1", "::2", "::", "1::1", "::ffff:10.0.0.1"] {
            #expect(NetworkAddress(other)?.isLoopback == false, "\(other)")
        }
    }

    @Test("Sets have addresses and ranges of both kinds, and nothing else is one")
    func sets() throws {
        let set = try #require(AddressSet("10.1.0.0/16, 192.168.0.7,::1 ,2001:db8::/33,172.16.0.0/12,"))
        for inside in [
            "10.1.0.1", "10.1.255.255", "192.168.0.7", "::1", "2001:db8:7fff::1", "::ffff:10.1.2.3", "172.31.0.1",
        ] {
            #expect(set.contains(try #require(NetworkAddress(inside))), "\(inside)")
        }
        for outbound in ["10.2.0.1", "192.168.0.8", "::2", "2001:db8:8000::1", "172.32.0.1", "a01::"] {
            #expect(!set.contains(try #require(NetworkAddress(outbound))), "\(outbound)")
        }
        for wrong in [
            "10.0.0.0/33", "x", "10.0.0", "1.2.3.4/5/6", "10.0.0.0/0", "::/0", "::/129", "10.0.0.0/", "1.2.3.4 5.6.7.8",
        ] {
            #expect(AddressSet(wrong) == nil, "\(wrong)")
        }
        #expect(AddressSet("")?.isEmpty == true)
    }

    @Test("X64: the caller is the last in the chain that no trusted proxy is; nobody else's word counts")
    func callers() throws {
        let trusted = try #require(AddressSet("127.0.0.1,10.0.0.0/8"))
        func caller(_ peer: String, _ chain: String?) throws -> String {
            trusted.caller(peer: try #require(NetworkAddress(peer)), forwardedFor: chain).description
        }
        // Whoever is no proxy says nothing about others.
        #expect(try caller("203.0.113.9", "198.51.100.7") == "203.0.113.9")
        #expect(try caller("127.0.0.1", nil) == "127.0.0.1")
        #expect(try caller("127.0.0.1", "198.51.100.7") == "198.51.100.7")
        // What comes before is anybody's word; proxies behind one another are passed by.
        #expect(try caller("127.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.9") == "198.51.100.7")
        #expect(try caller("::ffff:127.0.0.1", "6.6.6.6,198.51.100.7:40001 , [::ffff:10.0.0.9]:80") == "198.51.100.7")
        #expect(try caller("127.0.0.1", "10.0.0.2, 10.0.0.1") == "10.0.0.2")
        // A proxy that names no address is where the request comes from.
        for hidden in ["unknown", "_hidden", "", "6.6.6.6;", "6.6.6.6:x"] {
            #expect(try caller("127.0.0.1", "6.6.6.6, \(hidden)") == "127.0.0.1", "\(hidden)")
            #expect(try caller("127.0.0.1", "6.6.6.6, \(hidden), 10.0.0.9") == "10.0.0.9", "\(hidden)")
        }
    }

    @Test(
        "This machine, as it stands in an address",
        arguments: ["localhost", "LOCALHOST", "127.0.0.1", "127.8.0.1", "::1", "[::1]"])
    func here(host: String) {
        #expect(NetworkAddress.isHere(host))
    }

    @Test(
        "Another machine", arguments: ["127.example.com", "localhost.example.com", "0.0.0.0", "[::2]", "10.0.0.1", ""])
    func elsewhere(host: String) {
        #expect(!NetworkAddress.isHere(host))
    }
}
