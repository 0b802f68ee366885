package import ArgumentParser
internal import FleetSimulator
internal import FoundationEssentials
internal import Glibc
internal import HarborFleet
internal import Processes

/// `harbor-fleet simulate`: acts as a partner's client, with simulated vehicles or a recorded track.
package struct SimulateCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Post signed fixes to a server, as a partner would.",
        discussion: """
            Without --gpx, vehicles drive through a fictional harbour quarter in real time. With --gpx, a recorded \
            track is sent as the fixes of one vehicle, in the order of its times: in POSTs of up to 100 fixes as fast \
            as the server accepts them, or with --speed X at X times real time. A POST without a response is sent \
            again; that is harmless. The replay does not wait for points that the server rejects. Exit status: 0 when \
            everything was accepted, 1 when something was rejected or failed, 2 for wrong usage.

            From each segment of a recording the largest number of points with rising times is sent. A point whose \
            time does not fit between those around it is left out; so is the first or last point if more than a day, \
            and a hundred usual steps, lie between it and the rest. At a jump of more than half a year inside a \
            segment, up to a tenth of its points (at least one) count as wrongly dated. So do times in the future, \
            unless they are half of the file or more. Segments are sent in the order of their times, whatever their \
            order in the file. Times are ISO 8601; without an offset they are UTC. Messages name each point that is \
            left out, its line and its value.
            """)

    @Option(help: "The server's address, http://HOST:PORT.")
    var url: String

    @Option(help: "The fleet that the fixes are for.")
    var fleet: String

    @OptionGroup
    var secret: SecretOptions

    @OptionGroup(title: "Driving")
    var driving: DrivingOptions

    @OptionGroup(title: "Replaying")
    var replay: ReplayOptions

    @Flag(help: "Write the totals to standard output as JSON.")
    var json = false

    package init() {}

    package func validate() throws {
        _ = try target()
        // A file is read only once, when it is needed: it may be a pipe.
        if case .value(let secret) = try secretSource() {
            try Self.checked { _ = try WebhookSigner(secret: secret) }
        }
        try driving.validate(isReplay: replay.gpx != nil)
        try replay.validateUse()
    }

    package func run() async throws {
        let line = ProgressLine(isTerminal: StandardStreams.isErrorTerminal) { text in
            StandardStreams.write(text, to: STDERR_FILENO)
        }
        do {
            let totals = try await simulate(line)
            line.finish(totals)
            if json { try CommandOutput(json: totals).write(asJSON: true) }
            guard totals.isFine else { throw ExitCode(1) }
        } catch let error as SimulatorError {
            line.note("Error: \(error)")
            throw ExitCode(1)
        }
    }

    /// - Throws: `SimulatorError` when the simulation cannot begin.
    private func simulate(_ line: ProgressLine) async throws -> SimulationTotals {
        let recording = try await replay.recording()
        for note in recording?.notes ?? [] { line.note(note) }
        let progress = SimulationProgress(
            leftOut: recording?.leftOut ?? 0, onChange: { line.show($0) }, onNote: { line.note($0) })
        let signer = try WebhookSigner(secret: try await secretSource().read())
        let poster = SignedPoster(
            target: try target(), signer: signer, onRetry: { progress.retrying($0) })
        let sender = FixSender(poster: poster, progress: progress, unreachable: .end)
        let work = try work(recording, sender, line)
        do {
            try await Self.untilStopped(work)
        } catch is SimulatorError {
            // Counted and reported already; the totals show how far the run came.
        }
        return progress.totals
    }

    private func work(
        _ recording: ReplayOptions.Recording?, _ sender: FixSender, _ line: ProgressLine
    ) throws -> @Sendable () async throws -> Void {
        if let recording {
            let run = replay.run(of: recording, sender: sender)
            if let gaps = run.skippedGaps { line.note(gaps) }
            return run.run
        }
        return try driving.run(sender: sender).run
    }

    /// Runs `work` to its end. SIGINT or SIGTERM cancels it; a second signal ends the process by the signal's
    /// default action.
    private static func untilStopped(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let signals = StopSignals()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in signals.stream { return signals.restoreDefaults() }
            }
            // Whichever ends first cancels the other.
            try await group.next()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    private func target() throws -> PostTarget {
        guard let fleet = FleetID(fleet) else {
            throw ValidationError("--fleet is not a valid fleet id: \(fleet)")
        }
        return try Self.checked { try PostTarget(url: url, fleet: fleet) }
    }

    private func secretSource() throws -> SecretOptions.Source {
        try secret.source(environment: ProcessInfo.processInfo.environment)
    }

    private static func checked<Value>(_ make: () throws -> Value) throws -> Value {
        do {
            return try make()
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
