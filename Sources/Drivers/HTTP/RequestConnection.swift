import Hummingbird
import NIOCore
import Values

/// What a request needs to know about its connection.
package struct RequestConnection: InitializableFromSource {
    /// The address of the other end; `nil` on a socket in the file system.
    package let peer: NetworkAddress?
    package let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        channel = source.channel
        peer = RequestConnection.peer(of: channel)
    }

    static func peer(of channel: any Channel) -> NetworkAddress? {
        channel.remoteAddress?.ipAddress.flatMap { NetworkAddress($0) }
    }
}
