internal import Crypto
internal import FleetAccess
internal import FoundationEssentials

/// Creates, formats and hashes tokens and signing secrets.
package enum Credentials {
    /// A new read token: `hft_` and 43 characters of base64url. Shown once; only its hash is stored.
    package static func makeToken() -> String {
        "hft_" + SessionSigner.base64URL(randomBytes(32))
    }

    /// The SHA-256 of a token's or session's text: 32 bytes.
    package static func hash(_ text: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(text.utf8)))
    }

    /// The key of a new signing secret: 32 random bytes (Standard Webhooks requires 24 to 64).
    package static func makeSigningKey() -> [UInt8] {
        randomBytes(32)
    }

    /// The text that a partner gets: `whsec_` and the base64 of the key.
    package static func signingSecretText(_ key: [UInt8]) -> String {
        "whsec_" + Data(key).base64EncodedString()
    }

    /// Random bytes from the system's cryptographic generator.
    static func randomBytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max) }
    }
}
