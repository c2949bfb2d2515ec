import CRabbitMQ
import Foundation
import Messaging
import Storage
import Values

/// A message as it arrived. `message` points into the connection's memory, until ``BrokerConnection/release()``.
struct BrokerMessage {
    let partition: Int
    let generation: Int
    let tag: UInt64
    let message: popug_message
    let body: [UInt8]

    var offset: Int64 { message.offset }
    /// The number that the message gives itself; 0 if it gives none.
    var number: Int64 { message.number }
}

// How an envelope looks on the wire: `message-id` is its id, `type` its name and version (`task-created.2`),
// `correlation-id` its trace. The headers `number`, `time` (milliseconds since 1970) and `key` hold what AMQP has no
// property for. The stream gives the topic and the partition; the body is the data. The header `code` holds the code of
// the event and the code of its number, 64 hexadecimal digits; `personal` holds what is said about its personal fields.
extension BrokerConnection {
    /// The type of a message that asks where the end of a stream is.
    private static let tailType = "tail"

    /// Sends an envelope and returns roughly how many bytes that took.
    func send(_ envelope: Envelope) throws -> Int {
        guard envelope.number > 0, queues.indices.contains(envelope.partition) else {
            throw StorageError.failed("an event without a number or a partition cannot be published")
        }
        scratch.removeAll(keepingCapacity: true)
        let id = put(envelope.id.description)
        let type = put(envelope.type)
        let key = put(envelope.key.description)
        // As much as such a property can hold.
        let trace = put(envelope.trace.beginning(bytes: Envelope.longestTrace))
        let codes = [envelope.code, envelope.numberCode].compactMap { $0?.bytes }.joined()
        let code = put(Hexadecimal.text(codes))
        let personal = put(envelope.personal)
        let status = scratch.withUnsafeMutableBytes { memory in
            envelope.data.withUnsafeBytes { data in
                var message = popug_message()
                message.id = amqp_bytes_t(memory, id)
                message.type = amqp_bytes_t(memory, type)
                message.key = amqp_bytes_t(memory, key)
                message.trace = amqp_bytes_t(memory, trace)
                message.code = amqp_bytes_t(memory, code)
                message.personal = amqp_bytes_t(memory, personal)
                message.number = envelope.number
                message.time = envelope.time.milliseconds
                message.body = amqp_bytes_t(
                    len: data.count, bytes: UnsafeMutableRawPointer(mutating: data.baseAddress))
                return popug_publish(handle, Self.work, queues[envelope.partition].bytes, &message)
            }
        }
        try expect(status)
        return scratch.count + envelope.data.count + 120
    }

    private func put(_ text: String) -> Range<Int> {
        let start = scratch.count
        scratch.append(contentsOf: text.utf8)
        return start..<scratch.count
    }

    /// Appends a question at the end of a partition.
    func ask(_ partition: Int, _ question: CText) throws {
        try CText(Self.tailType).use { type in
            try question.use { id in
                var message = popug_message()
                message.id = id
                message.type = type
                try expect(popug_publish(handle, Self.aside, queues[partition].bytes, &message))
            }
        }
    }

    /// The next message for a consumer, waiting up to `seconds` for it.
    func delivery(waiting seconds: Double) throws -> BrokerMessage? {
        guard let frame = try frame(waiting: seconds) else { return nil }
        guard frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { throw lost("it spoke out of turn") }
        let method = frame.payload.method
        switch popug_method(method.id) {
        case popug_basic_deliver:
            let told = method.decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
            let (message, body) = try content()
            let name = Self.consumer(told.consumer_tag)
            return BrokerMessage(
                partition: name.partition, generation: name.generation, tag: told.delivery_tag, message: message,
                body: body)
        case popug_basic_return:
            throw lost("it has no stream \(topic)")
        default:
            throw lost("it answered what nobody asked")
        }
    }

    /// Reads the message that a frame has announced.
    func content() throws -> (popug_message, [UInt8]) {
        var header = try rest()
        guard header.frame_type == UInt8(AMQP_FRAME_HEADER) else { throw lost("it spoke out of turn") }
        let size = Int(clamping: header.payload.properties.body_size)
        let message = popug_read(&header)
        var body: [UInt8] = []
        body.reserveCapacity(size)
        while body.count < size {
            let frame = try rest()
            guard frame.frame_type == UInt8(AMQP_FRAME_BODY) else { throw lost("it spoke out of turn") }
            let part = frame.payload.body_fragment
            body.append(contentsOf: UnsafeRawBufferPointer(start: part.bytes, count: part.len))
        }
        return (message, body)
    }

    /// `7.2`: the second consumer of partition 7.
    private static func consumer(_ tag: amqp_bytes_t) -> (partition: Int, generation: Int) {
        var numbers = (partition: 0, generation: 0)
        var isSecond = false
        for byte in UnsafeRawBufferPointer(start: tag.bytes, count: tag.len) {
            if byte == UInt8(ascii: ".") {
                isSecond = true
            } else if isSecond {
                numbers.generation = numbers.generation &* 10 &+ Int(byte &- 0x30)
            } else {
                numbers.partition = numbers.partition &* 10 &+ Int(byte &- 0x30)
            }
        }
        return numbers
    }

    /// The event in a message; `nil` if it is something else, or its codes are wrong.
    func envelope(_ delivery: BrokerMessage) -> Envelope? {
        let message = delivery.message
        let type = String(message.type)
        guard delivery.number > 0, let id = ID(String(message.id)), let key = ID(String(message.key)),
            let dot = type.lastIndex(of: "."), let version = Int(type[type.index(after: dot)...])
        else { return nil }
        var envelope = Envelope(
            id: id, topic: topic.name, name: String(type[..<dot]), version: version, key: key,
            time: Instant(milliseconds: message.time), trace: String(message.trace), data: delivery.body,
            partition: delivery.partition, number: delivery.number)
        let bytes = Hexadecimal.bytes(String(message.code)) ?? []
        envelope.code = EventCode(bytes: Array(bytes.prefix(EventCode.size)))
        envelope.numberCode = EventCode(bytes: Array(bytes.dropFirst(EventCode.size)))
        envelope.personal = String(message.personal)
        return broker.codes.accepts(envelope) ? envelope : nil
    }
}

extension amqp_bytes_t {
    init(_ memory: UnsafeMutableRawBufferPointer, _ range: Range<Int>) {
        self.init(len: range.count, bytes: memory.baseAddress?.advanced(by: range.lowerBound))
    }
}
