/// A cookie to set or clear. Always HttpOnly, SameSite=Lax, Path=/, and Secure if the public address is https; then its
/// name has the prefix `__Host-`.
package struct Cookie: Sendable {
    package let name: String
    package let value: String
    /// How long it is kept, in seconds; 0 clears it.
    package let maxAge: Int

    package init(name: String, value: String, maxAge: Int) {
        self.name = name
        self.value = value
        self.maxAge = maxAge
    }
}
