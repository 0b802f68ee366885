package import Crypto

/// A signing secret that is ready for verifying. The hash state of its key is computed once, not for each POST.
package struct PartnerKey: Sendable, Equatable {
    package let secret: SigningSecret
    package let keyed: HMAC<SHA256>
    /// A key that belongs to no partner. Verifying with it takes as long as with a real one.
    package static let dummy = HMAC<SHA256>(key: SymmetricKey(size: .bits256))

    package init(_ secret: SigningSecret) {
        self.secret = secret
        keyed = HMAC(key: SymmetricKey(data: secret.key))
    }

    package static func == (left: Self, right: Self) -> Bool { left.secret == right.secret }
}

extension HMAC<SHA256> {
    /// The authentication code of the bytes under the key that was prepared.
    package func code(of bytes: [UInt8]) -> MAC {
        var authentication = self
        authentication.update(data: bytes)
        return authentication.finalize()
    }
}
