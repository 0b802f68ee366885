import HarborFleet
import HarborFleetTesting
import Testing

@testable import FleetWire

/// The member `fleet_id` binds the signed body to the fleet of the path.
@Suite struct FixBatchFleetTests {
    private static let fix =
        #"{"vehicle_id":"van-7","recorded_at":"2026-11-20T17:00:00Z","lat":53.5,"lng":9.9}"#

    private func decode(_ body: String, isRequired: Bool = false) throws(FixBatchError) -> FixBatch {
        var rules = FixRules(now: Samples.now)
        rules.fleetID = FleetID("north")
        rules.requiresFleetID = isRequired
        return try FixBatchDecoder.decode(Array(body.utf8).span, rules: rules)
    }

    private func error(_ body: String, isRequired: Bool = false) -> FixBatchError? {
        do throws(FixBatchError) {
            _ = try decode(body, isRequired: isRequired)
            return nil
        } catch {
            return error
        }
    }

    private func refusal(_ detail: String) -> FixBatchError {
        .invalid(FieldError(pointer: "/fleet_id", detail: detail))
    }

    @Test(arguments: [#""north""#, #""n\u006frth""#])
    func fleetID_isAcceptedAndNotIgnored_whenItIsThatOfThePath(name: String) throws {
        for body in [
            #"{"fleet_id":\#(name),"fixes":[\#(Self.fix)]}"#,
            #"{"fixes":[\#(Self.fix)],"fleet_id":\#(name)}"#,
        ] {
            let batch = try decode(body, isRequired: true)
            #expect(batch.fixes.count == 1 && batch.ignored.isEmpty)
        }
    }

    @Test(arguments: [#""south""#, #""North""#, #""""#, #""north ""#, #""north\u0000""#])
    func fleetID_isRefusedFirst_whenItNamesAnotherFleet(name: String) {
        for fixes in ["[\(Self.fix)]", "[]", "[{}]", "7"] {
            #expect(
                error(#"{"fixes":\#(fixes),"fleet_id":\#(name)}"#)
                    == refusal("must be the fleet that the path names"))
        }
    }

    @Test(arguments: ["7", "true", "{}", #"["north"]"#])
    func fleetID_isRefused_whenItIsNotAString(value: String) {
        #expect(error(#"{"fleet_id":\#(value),"fixes":[\#(Self.fix)]}"#) == refusal("must be a string"))
    }

    @Test func fleetID_isRefused_whenItIsMissingAndRequired() {
        for body in [#"{"fixes":[\#(Self.fix)]}"#, #"{"fixes":[\#(Self.fix)],"fleet_id":null}"#] {
            #expect(error(body) == nil)
            #expect(error(body, isRequired: true) == refusal("is missing"))
        }
    }

    @Test func fleetID_isMalformed_whenItIsNamedTwice() {
        let body = #"{"fleet_id":"north","fixes":[\#(Self.fix)],"fleet_id":"north"}"#
        guard case .malformed = error(body) else {
            Issue.record("the body is accepted")
            return
        }
    }
}
