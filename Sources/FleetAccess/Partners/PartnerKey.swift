package import Crypto

/// A signing secret, ready to verify with: the hash has taken its key in once, not again for each POST.
package struct PartnerKey: Sendable, Equatable {
    package let secret: SigningSecret
    private let keyed: HMAC<SHA256>

    package init(_ secret: SigningSecret) {
        self.secret = secret
        keyed = HMAC(key: SymmetricKey(data: secret.key))
    }

    package static func == (left: Self, right: Self) -> Bool { left.secret == right.secret }

    /// The HMAC-SHA256 of the bytes.
    package func authenticationCode(of bytes: [UInt8]) -> HMAC<SHA256>.MAC {
        var authentication = keyed
        authentication.update(data: bytes)
        return authentication.finalize()
    }
}

/// Takes as long as a `PartnerKey` and belongs to nobody.
package enum DummyKey {
    private static let keyed = HMAC<SHA256>(key: SymmetricKey(size: .bits256))

    package static func authenticationCode(of bytes: [UInt8]) -> HMAC<SHA256>.MAC {
        var authentication = keyed
        authentication.update(data: bytes)
        return authentication.finalize()
    }
}
