import CCurl

/// One transfer by libcurl, used by one thread at a time: set it up, call ``perform()``, read what came back.
///
/// libcurl blocks, which suits the synchronous code below the HTTP layer. Signals are off, so that timeouts are safe on
/// any thread.
final class EasyHandle {
    /// What is sent and what came back; libcurl's callbacks get a pointer to it.
    private final class Exchange {
        var outgoing: [UInt8] = []
        var sent = 0
        var incoming: [UInt8] = []
        var headers: [UInt8] = []
        var incomingLimit = 1 << 20
    }

    private let raw: UnsafeMutableRawPointer
    private let exchange = Exchange()
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    /// libcurl must be initialised once, before any thread uses it.
    private static let initialised: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init() throws {
        guard EasyHandle.initialised, let made = curl_easy_init() else {
            throw CurlError(code: Int(CURLE_FAILED_INIT.rawValue), message: "libcurl cannot be initialised")
        }
        raw = made
        try set(CURLOPT_NOSIGNAL, 1)
    }

    /// Ends this handle's transfers when `cancellation` is called. The handle's owner keeps `cancellation` as long as the handle.
    func heed(_ cancellation: Cancellation) throws {
        try check(
            popug_set_progress(raw) { context, _, _, _, _ in
                guard let context else { return 0 }
                return Unmanaged<Cancellation>.fromOpaque(context).takeUnretainedValue().isDue ? 1 : 0
            })
        try check(popug_set_pointer(raw, CURLOPT_XFERINFODATA, Unmanaged.passUnretained(cancellation).toOpaque()))
        try set(CURLOPT_NOPROGRESS, 0)
    }

    deinit {
        // When libcurl says goodbye to a mail server it waits for the answer, up to a minute, whatever it is told.
        popug_hang_up(raw)
        curl_easy_cleanup(raw)
        for list in lists { curl_slist_free_all(list) }
    }

    func set(_ option: CURLoption, _ value: Int) throws {
        try check(popug_set_long(raw, option, value))
    }

    func set(_ option: CURLoption, _ text: String) throws {
        // libcurl copies the text.
        try check(text.withCString { popug_set_text(raw, option, $0) })
    }

    /// For options that take a list: headers, recipients.
    func set(_ option: CURLoption, _ texts: [String]) throws {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts {
            guard let longer = curl_slist_append(list, text) else {
                curl_slist_free_all(list)
                throw CurlError(code: Int(CURLE_OUT_OF_MEMORY.rawValue), message: "out of memory")
            }
            list = longer
        }
        if let list { lists.append(list) }
        try check(popug_set_list(raw, option, list))
    }

    /// What is uploaded: the body of a request, the text of a letter.
    func send(_ bytes: [UInt8]) throws {
        exchange.outgoing = bytes
        exchange.sent = 0
        try check(
            popug_set_transfer(raw, CURLOPT_READFUNCTION) { buffer, size, count, context in
                guard let buffer, let context else { return 0 }
                let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
                let length = min(size * count, exchange.outgoing.count - exchange.sent)
                exchange.outgoing.withUnsafeBytes { bytes in
                    guard length > 0, let start = bytes.baseAddress else { return }
                    UnsafeMutableRawPointer(buffer).copyMemory(from: start + exchange.sent, byteCount: length)
                }
                exchange.sent += length
                return length
            })
        try check(popug_set_pointer(raw, CURLOPT_READDATA, Unmanaged.passUnretained(exchange).toOpaque()))
        try check(popug_set_size(raw, CURLOPT_INFILESIZE_LARGE, curl_off_t(bytes.count)))
        try set(CURLOPT_UPLOAD, 1)
    }

    /// Does the transfer and returns the body that came back; a body of more than `limit` bytes is an error.
    func perform(limit: Int = 1 << 20) throws -> [UInt8] {
        exchange.incoming = []
        exchange.headers = []
        exchange.incomingLimit = limit
        try check(
            popug_set_transfer(raw, CURLOPT_WRITEFUNCTION) { buffer, size, count, context in
                EasyHandle.receive(buffer, size * count, context, isHeader: false)
            })
        try check(
            popug_set_transfer(raw, CURLOPT_HEADERFUNCTION) { buffer, size, count, context in
                EasyHandle.receive(buffer, size * count, context, isHeader: true)
            })
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        try check(popug_set_pointer(raw, CURLOPT_WRITEDATA, context))
        try check(popug_set_pointer(raw, CURLOPT_HEADERDATA, context))
        var reason = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = reason.withUnsafeMutableBytes { buffer -> CURLcode in
            _ = popug_set_pointer(raw, CURLOPT_ERRORBUFFER, buffer.baseAddress)
            let code = curl_easy_perform(raw)
            _ = popug_set_pointer(raw, CURLOPT_ERRORBUFFER, nil)
            return code
        }
        guard code == CURLE_OK else {
            let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw CurlError(
                code: Int(code.rawValue), message: text.isEmpty ? String(cString: curl_easy_strerror(code)) : text,
                response: status, lines: headerText)
        }
        return exchange.incoming
    }

    /// The last response's status: HTTP's, or the SMTP server's reply code; 0 if there was none.
    var status: Int {
        var value = 0
        return popug_get_long(raw, CURLINFO_RESPONSE_CODE, &value) == CURLE_OK ? value : 0
    }

    /// What the server said line by line: HTTP's headers, or every reply of an SMTP server.
    var headerText: String { String(decoding: exchange.headers, as: UTF8.self) }

    /// Receives what came. If it returns another count than it was given, libcurl ends the transfer.
    private static func receive(
        _ buffer: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?, isHeader: Bool
    ) -> Int {
        guard let buffer, let context else { return 0 }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
        if isHeader {
            guard exchange.headers.count + count <= 1 << 16 else { return 0 }
            exchange.headers += bytes
        } else {
            guard exchange.incoming.count + count <= exchange.incomingLimit else { return 0 }
            exchange.incoming += bytes
        }
        return count
    }

    private func check(_ code: CURLcode) throws {
        guard code == CURLE_OK else {
            throw CurlError(code: Int(code.rawValue), message: String(cString: curl_easy_strerror(code)))
        }
    }
}
