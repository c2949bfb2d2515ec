import TestKit
import Testing
import Values
import Web

@Suite("Token buckets")
struct WebBucketsTests {
    private let clock = SteppedClock()

    private func network(_ text: String) throws -> NetworkAddress { try #require(NetworkAddress(text)) }

    @Test("A bucket gives its burst, then its rate, and says how long to wait")
    func bucket() {
        let buckets = Buckets<String>(Rate(perSecond: 2, burst: 3), uptime: clock.environment.uptime)
        for _ in 0..<3 { #expect(buckets.take("a") == nil) }
        #expect(buckets.take("a") == 1)
        #expect(buckets.take("b") == nil)
        clock.advance(milliseconds: 500)
        #expect(buckets.take("a") == nil)
        #expect(buckets.take("a") != nil)
        clock.advance(seconds: 60)
        for _ in 0..<3 { #expect(buckets.take("a") == nil) }
        #expect(buckets.take("a") != nil)
        #expect(buckets.count == 1, "full buckets are forgotten")
    }

    @Test("A rate of 0 is no limit")
    func unlimited() throws {
        let networks = NetworkBuckets(Rate(perSecond: 0, burst: 1), uptime: clock.environment.uptime)
        for _ in 0..<1000 { #expect(try networks.take(network("2001:db8::1")) == nil) }
        #expect(networks.count == 0)
    }

    @Test("However small the rate is, a wait can be told")
    func tiny() {
        let buckets = Buckets<Int>(Rate(perSecond: 1e-300, burst: 1), uptime: clock.environment.uptime)
        #expect(buckets.take(1) == nil && buckets.take(1) == 86_400)
    }

    @Test("With too many keys the fullest are forgotten; whoever has used up theirs gets nothing back")
    func fullestFirst() {
        let buckets = Buckets<Int>(Rate(perSecond: 0.001, burst: 5), uptime: clock.environment.uptime, most: 100)
        // The emptiest are neither the first nor the last.
        for key in 0..<20 { #expect(buckets.take(key) == nil) }
        for key in 20..<40 { for _ in 0..<5 { #expect(buckets.take(key) == nil) } }
        for key in 40..<60 { for _ in 0..<2 { #expect(buckets.take(key) == nil) } }
        for key in 1000..<5000 {
            clock.advance(milliseconds: 1)
            #expect(buckets.take(key) == nil)
            #expect(buckets.count <= 100)
        }
        for key in 20..<40 { #expect(buckets.take(key) != nil, "\(key)") }
    }

    @Test("Keys that are all equally full leave room for new ones, and nothing grows")
    func equallyFull() {
        let buckets = Buckets<Int>(Rate(perSecond: 0.001, burst: 5), uptime: clock.environment.uptime, most: 100)
        for key in 0..<1000 {
            #expect(buckets.take(key) == nil)
            #expect(buckets.count <= 100)
        }
    }

    @Test("S30: every IPv4 address and every IPv6 /64 has a bucket of its own")
    func subscribers() throws {
        let networks = NetworkBuckets(Rate(perSecond: 1, burst: 3), uptime: clock.environment.uptime)
        for _ in 0..<3 { #expect(try networks.take(network("198.51.100.7")) == nil) }
        #expect(try networks.take(network("::ffff:198.51.100.7")) != nil)
        #expect(try networks.take(network("198.51.100.8")) == nil)
        for host in 1...3 { #expect(try networks.take(network("2001:db8:1:2::\(host)")) == nil) }
        #expect(try networks.take(network("2001:db8:1:2:3:4:5:6")) != nil)
        #expect(try networks.take(network("2001:db8:1:3::1")) == nil)
        // Callers without an address share a bucket.
        for _ in 0..<3 { #expect(networks.take(nil) == nil) }
        #expect(networks.take(nil) != nil)
        // IPv4 addresses have no wider bucket.
        for host in 0..<200 { #expect(try networks.take(network("203.0.113.\(host)")) == nil) }
    }

    @Test("S30: an IPv6 /48 has a bucket that is ten times as wide")
    func sites() throws {
        let networks = NetworkBuckets(Rate(perSecond: 1, burst: 3), uptime: clock.environment.uptime)
        for subnet in 0..<30 { #expect(try networks.take(network("2001:db8:1:\(subnet)::1")) == nil) }
        #expect(try networks.take(network("2001:db8:1:99::1")) == 1)
        #expect(try networks.take(network("2001:db8:2:99::1")) == nil)
        // A tenth of a second gives one more, to whoever asks first.
        clock.advance(milliseconds: 100)
        #expect(try networks.take(network("2001:db8:1:99::1")) == nil)
        #expect(try networks.take(network("2001:db8:1:98::1")) == 1)
    }

    @Test("S30: what is refused costs nothing: a subscriber does not empty the site's bucket, nor the site theirs")
    func refusedCostsNothing() throws {
        let networks = NetworkBuckets(Rate(perSecond: 0.01, burst: 3), uptime: clock.environment.uptime)
        // Three of these are taken; the others are refused by the subscriber's bucket, which is asked first.
        for _ in 0..<1000 { _ = try networks.take(network("2001:db8:1:1::1")) }
        for subnet in 2..<29 { #expect(try networks.take(network("2001:db8:1:\(subnet)::1")) == nil) }
        // Now the site's bucket is empty; refusals by it leave that of a new subscriber as full as it was.
        let count = networks.count
        for subnet in 1000..<2000 { #expect(try networks.take(network("2001:db8:1:\(subnet)::1")) != nil) }
        #expect(networks.count == count)
    }

    @Test("S30: whoever owns a /44 gets sixteen sites' worth, frees nobody's bucket and leaves others theirs")
    func attack() throws {
        let rate = Rate(perSecond: 0.01, burst: 4)
        let networks = NetworkBuckets(rate, uptime: clock.environment.uptime, most: 1000)
        let spent = try ["198.51.100.7", "2001:db8:f:1::1"].map(network)
        for address in spent { for _ in 0..<4 { #expect(networks.take(address) == nil) } }
        // 32,000 networks of 2001:db8:10::/44, which has 2001:db8:10:: to 2001:db8:1f::, in 32 seconds.
        var taken = 0
        for subnet in 0..<2000 {
            for site in 0x10...0x1F {
                let text = "2001:db8:\(String(site, radix: 16)):\(String(subnet, radix: 16))::1"
                if try networks.take(network(text)) == nil { taken += 1 }
            }
            clock.advance(milliseconds: 16)
        }
        // A burst of 40 and a token every ten seconds, for each of sixteen sites.
        #expect(taken == 16 * (40 + 3))
        #expect(networks.count <= taken + spent.count)
        for address in spent { #expect(networks.take(address) != nil, "\(address)") }
        for other in ["203.0.113.9", "2001:db8:20:1::1", "2001:db8:f:2::1"] {
            #expect(try networks.take(network(other)) == nil, "\(other)")
        }
    }

    @Test("S30: an attack from more sites than are kept frees nobody's bucket either")
    func wideAttack() throws {
        let networks = NetworkBuckets(Rate(perSecond: 0.01, burst: 4), uptime: clock.environment.uptime, most: 100)
        let spent = try ["198.51.100.7", "2001:db8:f:1::1"].map(network)
        for address in spent { for _ in 0..<4 { #expect(networks.take(address) == nil) } }
        for site in 0..<2000 {
            _ = try networks.take(network("2001:db9:\(String(site, radix: 16)):1::1"))
            clock.advance(milliseconds: 1)
        }
        #expect(networks.count <= 100)
        for address in spent { #expect(networks.take(address) != nil, "\(address)") }
    }
}
