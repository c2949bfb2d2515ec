import CZlib
import Storage

/// zlib, a block at a time.
enum Deflate {
    /// gzip's header and trailer around 32 KiB windows.
    private static let gzip = MAX_WBITS + 16
    private static let streamSize = Int32(MemoryLayout<z_stream>.size)

    /// One gzip member that holds the block. A file may have several members in a row, and any gzip reads them as one
    /// stream, so each can be made on another thread.
    ///
    /// Level 1: on database pages, higher levels make the file a tenth smaller and take three times as long.
    static func member(_ block: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        guard deflateInit2_(&stream, 1, Z_DEFLATED, gzip, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, streamSize) == Z_OK
        else { throw StorageError.failed("zlib cannot be initialised") }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(block.count)))
        return try [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            var block = block
            let code = block.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(bound)
                return deflate(&stream, Z_FINISH)
            }
            guard code == Z_STREAM_END else { throw StorageError.failed("zlib ended with \(code)") }
            count = bound - Int(stream.avail_out)
        }
    }

    /// Reads members one after another, as they come in.
    // Unchecked: belongs to one reader, which is used by one thread at a time.
    final class Inflater: @unchecked Sendable {
        private var stream = z_stream()
        private var input: [UInt8] = []
        private var position = 0
        private var isInside = false

        init() throws {
            guard inflateInit2_(&stream, gzip, ZLIB_VERSION, streamSize) == Z_OK else {
                throw StorageError.failed("zlib cannot be initialised")
            }
        }

        deinit {
            inflateEnd(&stream)
        }

        /// Fills `output` as far as it can. `more` returns the file's next bytes, and none at its end. Returns how many
        /// bytes were written; this is less than `output` has room for only at the end.
        func fill(_ output: UnsafeMutableBufferPointer<UInt8>, more: () throws -> [UInt8]) throws -> Int {
            var written = 0
            while written < output.count {
                if position == input.count {
                    input = try more()
                    position = 0
                    if input.isEmpty {
                        guard !isInside else { throw ArchiveError.damaged("it ends too early") }
                        return written
                    }
                }
                isInside = true
                written += try step(UnsafeMutableBufferPointer(rebasing: output[written...]))
            }
            return written
        }

        private func step(_ output: UnsafeMutableBufferPointer<UInt8>) throws -> Int {
            let (start, count) = (position, input.count)
            let code = input.withUnsafeMutableBufferPointer { bytes in
                stream.next_in = bytes.baseAddress.map { $0 + start }
                stream.avail_in = UInt32(count - start)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_NO_FLUSH)
            }
            position = count - Int(stream.avail_in)
            switch code {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END:
                isInside = false
                inflateReset(&stream)
            default: throw ArchiveError.damaged("its checksums do not hold")
            }
            return output.count - Int(stream.avail_out)
        }
    }
}
