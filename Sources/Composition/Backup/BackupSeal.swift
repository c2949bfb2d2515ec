import Archive
import Crypto
import Foundation
import Values

/// What makes a backup authentic (X61): a code over its checksums, and so over every byte of it, with a key derived
/// from the installation's secret. Anyone who can write where backups are stored, but does not have the secret, cannot
/// change one unnoticed.
struct BackupSeal {
    /// The archive's last file: 64 hexadecimal digits.
    static let name = "SHA256SUMS.hmac"

    private let key: SymmetricKey

    init(secret: [UInt8]) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Array("popug backups".utf8), outputByteCount: 32)
    }

    func code(of sums: [UInt8]) -> [UInt8] {
        let code = HMAC<SHA256>.authenticationCode(for: sums, using: key)
        return Array(Hexadecimal.text(code).utf8) + [0x0A]
    }

    /// - Throws: ``ArchiveError`` if the code does not match.
    func check(_ code: [UInt8], of sums: [UInt8]) throws {
        guard self.code(of: sums).isSame(as: code) else {
            throw ArchiveError.damaged("it is not as this installation wrote it: its code does not fit the secret")
        }
    }
}
