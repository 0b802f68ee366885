import Logging
import Testing

@testable import Telemetry

@Suite struct LogRecordTests {
    func line(_ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:]) -> String {
        let bytes = LogRecordEncoder(format: format).line(
            milliseconds: 1_795_194_000_123, level: .info, message: message, logger: "fleet",
            metadata: metadata)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func jsonRecord_isOneLine_withItsMetadataBesideItsOwnMembers() {
        let metadata: Logger.Metadata = ["request_id": "r-1", "count": .stringConvertible(7)]
        #expect(
            line(.json, "hello", metadata)
                == #"{"time":"2026-11-20T17:00:00.123Z","level":"info","message":"hello","logger":"fleet","#
                + #""count":7,"request_id":"r-1"}"# + "\n")
    }

    @Test(
        arguments: [
            (.stringConvertible(-7), "-7"), (.stringConvertible(UInt64.max), "18446744073709551615"),
            (.stringConvertible(Int128.min), "-170141183460469231731687303715884105728"),
            (.stringConvertible(12.5), "12.5"), (.stringConvertible(1e-7), "1e-07"),
            (.stringConvertible(Float(0.25)), "0.25"), (.stringConvertible(true), "true"),
            (.stringConvertible(Double.infinity), "\"inf\""), (.stringConvertible(Double.nan), "\"nan\""),
            (.stringConvertible(Duration.seconds(5)), "\"5.0 seconds\""), ("007", "\"007\""),
            ("true", "\"true\""),
            (.array([.stringConvertible(1), "2"]), "[1,\"2\"]"),
        ] as [(Logger.MetadataValue, String)])
    func numbersAndTruthValues_areJSON_andLookalikesAreText(
        _ value: Logger.MetadataValue, _ text: String
    ) {
        #expect(line(.json, "m", ["v": value]).hasSuffix(",\"v\":\(text)}\n"))
    }

    @Test func jsonStrings_areEscaped() {
        #expect(
            line(.json, "a\"b\\c\nd\u{1}é\u{7f}").contains(#""message":"a\"b\\c\nd\u0001é\u007f""#))
    }

    @Test func nestedMetadata_staysNested_andHidesNoOwnMember() {
        let text = line(.json, "m", ["level": "high", "list": ["a", ["k": "v"]]])
        #expect(text.hasSuffix(#","level_":"high","list":["a",{"k":"v"}]}"# + "\n"))
    }

    @Test(arguments: ["token", "secret", "authorization", "cookie", "password", "Authorization", "TOKEN"])
    func secrets_areRedacted_atAnyDepth(_ key: String) {
        for format in LogFormat.allCases {
            let text = line(format, "m", [key: "hunter2", "headers": [key: ["hunter2"]]])
            #expect(!text.contains("hunter2"))
            #expect(text.contains("[redacted]"))
        }
    }

    @Test func textRecord_isOneLine() {
        #expect(
            line(.text, "hello\nforged", ["a": "plain", "b": "two words\n", "c": ["x"]])
                == "2026-11-20T17:00:00.123Z INFO     fleet: hello forged a=plain b=\"two words\\n\" c=[\"x\"]\n"
        )
    }
}
