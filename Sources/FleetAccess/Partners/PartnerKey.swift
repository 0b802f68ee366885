package import Crypto

/// A signing secret, ready to verify with: the hash has taken its key in once, not again for each POST.
package struct PartnerKey: Sendable, Equatable {
    package let secret: SigningSecret
    package let keyed: HMAC<SHA256>
    /// Takes as long as the hash of a key and belongs to no partner.
    package static let dummy = HMAC<SHA256>(key: SymmetricKey(size: .bits256))

    package init(_ secret: SigningSecret) {
        self.secret = secret
        keyed = HMAC(key: SymmetricKey(data: secret.key))
    }

    package static func == (left: Self, right: Self) -> Bool { left.secret == right.secret }
}

extension HMAC<SHA256> {
    /// The code of the bytes under a key that was taken in before.
    package func code(of bytes: [UInt8]) -> MAC {
        var authentication = self
        authentication.update(data: bytes)
        return authentication.finalize()
    }
}
