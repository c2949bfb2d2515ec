import TestKit
import Testing
import Values

@Suite("Values")
struct ValuesTests {
    @Test("An id reads what it writes, and nothing else")
    func idText() throws {
        let clock = SteppedClock()
        for _ in 0..<200 {
            let id = clock.environment.newID()
            #expect(ID(id.description) == id)
            #expect(ID(id.description.uppercased()) == id)
            #expect(ID(bytes: id.bytes) == id)
        }
        for text in ["", "0190", "0190a000-0000-7000-8000-00000000000g", "0190a000x0000-7000-8000-000000000001"] {
            #expect(ID(text) == nil)
        }
        #expect(ID("0190a000-0000-7000-8000-0000000000011") == nil)
    }

    @Test("New ids grow, also within a millisecond, and are UUIDv7")
    func idsGrow() {
        let environment = SteppedClock().environment
        var last = environment.newID()
        for _ in 0..<10_000 {
            let next = environment.newID()
            #expect(next > last)
            last = next
        }
        let text = Array(last.description)
        #expect(text[14] == "7")
        #expect("89ab".contains(text[19]))
    }

    @Test("A derived id is the same every time, another for another name, and keeps the time")
    func derived() {
        let id = SteppedClock().environment.newID()
        #expect(id.derived("charge") == id.derived("charge"))
        #expect(id.derived("charge") != id.derived("reward"))
        #expect(id.derived("charge").high >> 16 == id.high >> 16)
        #expect(id.derived("charge").description.dropFirst(14).first == "8")
    }

    @Test(
        "Days count as the calendar does",
        arguments: [
            ("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-11-21", 20_778), ("1969-12-31", -1),
            ("9999-12-31", 2_932_896),
        ])
    func days(text: String, number: Int) {
        #expect(Day(text)?.number == number)
        #expect(Day(number: number).description == text)
    }

    @Test(
        "What is no date is refused",
        arguments: ["2026-02-29", "2026-13-01", "2026-1-1", "x026-01-01", "2026-01-01 ", ""])
    func noDays(text: String) {
        #expect(Day(text) == nil)
    }

    @Test("Weekdays are ISO's")
    func weekday() {
        #expect(Day("2026-11-21")?.weekday == 6)
        #expect(Day("1970-01-01")?.weekday == 4)
        #expect(Day("1969-12-28")?.weekday == 7)
    }

    @Test(
        "Times are RFC 3339",
        arguments: [
            ("2026-11-21T09:30:00Z", "2026-11-21T09:30:00.000Z"),
            ("2026-11-21T09:30:00.5+03:00", "2026-11-21T06:30:00.500Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("2026-11-21T09:30:00.123456-00:30", "2026-11-21T10:00:00.123Z"),
        ])
    func times(text: String, written: String) throws {
        #expect(try #require(Instant(text)).description == written)
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "2026-11-21", "2026-11-21T25:00:00Z", "2026-11-21T09:30:00", "2026-11-21T09:30:00.Z",
            "2026-11-21T09:30:00+3:00",
        ])
    func noTimes(text: String) {
        #expect(Instant(text) == nil)
    }

    @Test("X26: a business day ends at the closing hour, through changes of the clocks")
    func businessDays() throws {
        for zone in [
            "UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata",
        ] {
            for hour in [0, 2, 3, 18, 23] {
                let calendar = try #require(BusinessCalendar(zone: zone, closingHour: hour))
                for number in 20_500..<20_900 {
                    let end = calendar.end(of: Day(number: number))
                    #expect(calendar.day(of: end) == Day(number: number + 1), "\(zone) \(hour) \(number)")
                    #expect(
                        calendar.day(of: end.adding(seconds: -1)) == Day(number: number), "\(zone) \(hour) \(number)")
                }
            }
        }
    }

    @Test("X20: sums are checked, and read and written to the cent")
    func cents() throws {
        #expect(throws: AmountOutOfRange.self) { try Cents(.max).plus(Cents(1)) }
        #expect(throws: AmountOutOfRange.self) { try Cents(.min).negated() }
        #expect(try Cents(5).minus(Cents(7)) == Cents(-2))
        #expect(Cents(-1230).plain == "-12.30")
        #expect(Cents(-5).plain == "-0.05")
        for cents in [0, 1, 99, 100, -101, 123_456_789] as [Int64] {
            #expect(Cents(plain: Cents(cents).plain) == Cents(cents))
        }
        for text in ["", "-", "1.234", "1,2", "1e3", "0x10", "+1", "1.", ".5", "99999999999999999999"] {
            #expect(Cents(plain: text) == nil, "\(text)")
        }
    }

    @Test("A draw is uniform and stays below its bound")
    func draw() {
        let environment = SteppedClock(seed: 7).environment
        var counts = Array(repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[environment.draw(below: 7)] += 1 }
        // Chi-square with 6 degrees of freedom: 22.46 is passed once in a thousand seeds; this seed is fixed.
        let chi = counts.reduce(0.0) { $0 + (Double($1) - 10_000) * (Double($1) - 10_000) / 10_000 }
        #expect(chi < 22.46)
    }

    @Test("A code with one bit changed is another code, whichever bit it is and whatever follows")
    func sameCodes() {
        for fill in [0x00, 0x5A, 0xFF] as [UInt8] {
            let code = [UInt8](repeating: fill, count: 32)
            #expect(code.isSame(as: code))
            for bit in 0..<256 {
                var other = code
                other[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(!code.isSame(as: other) && !other.isSame(as: code))
            }
        }
        #expect(![1, 1].isSame(as: [0, 1]))
        #expect(!"ab".isSame(as: "cb") && "ab".isSame(as: "ab") && !"ab".isSame(as: "abc"))
        // One in 256 would do if only the last bytes counted.
        var generator = SplitMix64(seed: 256)
        let guesses = (0..<10_000).map { _ in (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        #expect(!guesses.dropFirst().contains { $0.isSame(as: guesses[0]) || guesses[0].isSame(as: $0) })
    }
}
