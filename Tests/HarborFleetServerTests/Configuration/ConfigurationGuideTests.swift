import Foundation
import Testing

@testable import HarborFleetServer

/// The configuration guide's table of settings comes from the settings themselves.
@Suite struct ConfigurationGuideTests {
    private static let guide =
        URL(filePath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
        .dropFirst() + "/Sources/HarborFleetServer/HarborFleet.docc/configuration.md"

    /// After a change that is meant, `make record-names` writes the table into the guide.
    @Test func guide_hasTheTableOfSettings() throws {
        let path = String(Self.guide)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let start = try #require(text.range(of: "<!-- settings:begin -->\n\n")).upperBound
        let end = try #require(text.range(of: "\n<!-- settings:end -->", range: start..<text.endIndex))
            .lowerBound
        if ProcessInfo.processInfo.environment["HARBOR_TEST_RECORD"] != nil {
            let recorded = text[..<start] + SettingName.guideTable + text[end...]
            return try String(recorded).write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(text[start..<end] == SettingName.guideTable)
    }

    /// A default in back quotes is the value that the server uses when the variable is unset.
    @Test(arguments: SettingName.allCases)
    func defaultInTheGuide_isTheDefaultOfTheServer(_ setting: SettingName) async throws {
        let text = setting.guideTexts.defaultValue
        // A reference to another setting is not a value, and a named data directory differs by being named.
        guard text.hasPrefix("`"), setting != .dataDirectory, SettingName(variable: text) == nil else {
            return
        }
        let value = text.trimmingCharacters(in: ["`"])
        let set = try await ServerConfiguration.load(environment: [setting.variable: value])
        let unset = try await ServerConfiguration.load(environment: [:])
        #expect("\(set)" == "\(unset)", "\(setting.variable)=\(value)")
    }
}

extension SettingName {
    fileprivate init?(variable text: String) {
        let found = Self.allCases.first { "`\($0.variable)`" == text }
        guard let found else { return nil }
        self = found
    }
}
