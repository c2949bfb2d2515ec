import Gateway
import Synchronization
import TestTraits
import Testing

@Suite("Circuits and addresses", .tags(.gateway), .ifChosen)
struct CircuitTests {
    /// Milliseconds that the test moves.
    final class Uptime: Sendable {
        private let value = Mutex<Int64>(0)
        func move(_ milliseconds: Int64) { value.withLock { $0 += milliseconds } }
        var read: @Sendable () -> Int64 { { self.value.withLock { $0 } } }
    }

    @Test("A refused connection opens it at once, five other failures in a row do, a success in between does not")
    func opens() {
        let uptime = Uptime()
        let refused = Circuit(pause: 100, uptime: uptime.read)
        refused.failed(.refused)
        #expect(!refused.admits())
        let failing = Circuit(pause: 100, uptime: uptime.read)
        for _ in 0..<4 { failing.failed(.failed) }
        failing.succeeded()
        for _ in 0..<4 { failing.failed(.failed) }
        #expect(failing.admits())
        failing.failed(.failed)
        #expect(!failing.admits())
    }

    @Test("After its pause it is knocked at, then lets one through at a time, and closes with the first success")
    func closes() {
        let uptime = Uptime()
        let circuit = Circuit(pause: 100, uptime: uptime.read)
        circuit.failed(.refused)
        #expect(!circuit.isDue())
        uptime.move(100)
        #expect(circuit.isDue())
        circuit.knocked(true)
        #expect(circuit.admits())
        #expect(!circuit.admits())
        circuit.left()
        #expect(circuit.admits())
        circuit.succeeded()
        #expect(circuit.admits())
        #expect(circuit.admits())
    }

    @Test("Its pause doubles while nobody answers, up to sixteen times")
    func grows() {
        let uptime = Uptime()
        let circuit = Circuit(pause: 100, uptime: uptime.read)
        circuit.failed(.refused)
        for pause in [100, 200, 400, 800, 1600, 1600, 1600] as [Int64] {
            uptime.move(pause - 1)
            #expect(!circuit.isDue())
            uptime.move(1)
            #expect(circuit.isDue())
            circuit.knocked(false)
        }
        // One that is let through and fails starts the next pause.
        uptime.move(1600)
        circuit.knocked(true)
        #expect(circuit.admits())
        circuit.failed(.failed)
        #expect(!circuit.admits())
        #expect(!circuit.isDue())
    }

    @Test("Upstreams are read as the guide writes them, and nothing else is")
    func reading() throws {
        let text = "identity=http://127.0.0.1:9001; tracker,payouts=http://127.0.0.1:9002,https://b.internal:9003"
        let upstreams = try #require(GatewayOptions.upstreams(text))
        #expect(upstreams["identity"] == ["http://127.0.0.1:9001"])
        #expect(upstreams["payouts"] == ["http://127.0.0.1:9002", "https://b.internal:9003"])
        for wrong in [
            "", "identity", "identity=", "a=ftp://x", "a=http://x/path", "a=http://x;a=http://y", "a=http://u@x",
        ] {
            #expect(GatewayOptions.upstreams(wrong) == nil, "\(wrong)")
        }
    }
}
