import HarborFleetTesting
import Testing

@testable import HarborFleetCommands

/// What README and the guides tell users to type.
@Suite struct GuideCommandsTests {
    @Test func everyCommandInTheGuides_isOneOfTheProgram() async throws {
        let commands = try Guide.all().flatMap { guide in guide.commands.map { (guide.name, $0) } }
        #expect(commands.count > 20)
        for (guide, arguments) in commands {
            await #expect(throws: Never.self, "\(guide): harbor-fleet \(arguments)") {
                _ = try await RootCommand.asyncParseAsRoot(arguments)
            }
        }
    }
}
