import Testing

@testable import Processes

@Suite(.timeLimit(.minutes(1))) struct ChildProcessTests {
    @Test func exit_saysHowTheProcessEnded() {
        #expect(ChildProcess.Exit(status: 0x0300) == .code(3))
        #expect(ChildProcess.Exit(status: 9) == .signal(9))
        #expect(ChildProcess.Exit(status: 0x86) == .signal(6), "with a core file")
    }

    @Test func child_getsOnlyThreeDescriptorsAndItsOwnGroup() throws {
        let script = "ls /proc/self/fd; ps -o pgid= -p $$ | tr -d ' '; echo $$; pwd"
        let result = try ShortCommand.run(
            .init(executable: "/bin/sh", arguments: ["-c", script], directory: "/usr"))
        let lines = result.output.split(separator: "\n")
        #expect(result.exit == .code(0))
        // Descriptor 3 is the directory that ls reads.
        #expect(lines.prefix(4) == ["0", "1", "2", "3"] && lines.count == 7)
        #expect(lines[4] == lines[5], "its process group")
        #expect(lines[6] == "/usr")
    }

    @Test func error_namesTheExecutable_whenItCannotBeStarted() {
        func text(_ command: ChildProcess.Command) -> String {
            do {
                return "\(try ShortCommand.run(command).exit)"
            } catch { return "\(error)" }
        }
        #expect(
            text(.init(executable: "/bin/none-such", arguments: []))
                == "/bin/none-such could not be started: No such file or directory (in /)")
        #expect(
            text(.init(executable: "/bin/true", arguments: [], directory: "/none-such"))
                == "/bin/true could not be started: No such file or directory (in /none-such)")
    }

    @Test func command_carriesInputAndOutput() throws {
        let result = try ShortCommand.run(.init(executable: "/bin/cat", arguments: []), input: "hello\n")
        #expect(result.exit == .code(0) && result.output == "hello\n")
        let failing = try ShortCommand.run(
            .init(executable: "/bin/sh", arguments: ["-c", "echo no >&2; exit 4"]))
        #expect(failing.exit == .code(4) && failing.output == "no\n")
    }
}
