import Testing

@testable import FleetSimulator

@Suite struct WebhookSignerTests {
    @Test func signature_isThatOfThePublishedExample() throws {
        let signer = try WebhookSigner(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signature = signer.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", unixSeconds: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }
}

/// Texts that are no signing secret.
@Suite struct WebhookSecretRefusalTests {
    @Test(arguments: ["", "whsec_", "whsec_%%%", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    func secret_isRefused_inAnotherForm(_ secret: String) {
        #expect(throws: SimulatorError.unusableSecret) { try WebhookSigner(secret: secret) }
    }
}
