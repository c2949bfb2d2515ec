import Foundation

extension Thread {
    /// Sets the name of the calling thread, as `top -H` and profilers show it. Linux keeps 15 bytes of a name and
    /// rejects a longer one. Only the thread itself can set its name.
    package static func nameCurrent(_ name: String) {
        current.name = String(name.prefix(15))
    }
}
