package import Endpoint
package import FleetAccess
internal import HTTP1
internal import HTTPTypes
package import HarborFleet
package import Logging
internal import StoreCache

/// Turns every error that a request throws into its problem+json. Only this file turns errors into responses. An
/// unexpected error becomes a 500 that reveals nothing, and a log line; a POST that the database refuses gets a
/// log line too.
package enum ErrorMapping {
    /// The `ErrorResponder` of a listener that accepts no fixes.
    package static func responder(logger: Logger) -> ErrorResponder {
        responder(logger: logger, refusals: nil)
    }

    /// The `ErrorResponder` of a listener that accepts fixes. Make it once: it remembers which refusals were
    /// logged.
    package static func responder(
        logger: Logger, fleets: Fleets, keys: PartnerKeys
    ) -> ErrorResponder {
        let refusals = IngestRefusals(
            logger: logger, isKnown: { fleets.knows($0) },
            endedSecret: { [ended = EndedSecrets(keys: keys)] in await ended.secret(behind: $0) })
        return responder(logger: logger, refusals: refusals)
    }

    /// - Parameter refusals: counts and logs the POSTs of fixes that are refused with 401.
    private static func responder(logger: Logger, refusals: IngestRefusals?) -> ErrorResponder {
        let originRefusals = OriginRefusals(logger: logger)
        let stores = StoreRefusals(logger: logger)
        return { error, requestID in
            let problem = problem(of: error)
            stores.note(error, requestID: requestID)
            if let refusal = error as? IngestRefusal { refusals?.note(refusal, requestID: requestID) }
            if let refusal = error as? OriginRefusal { originRefusals.note(refusal, requestID: requestID) }
            if case EndpointError.upgradeLost = error { originRefusals.noteLostUpgrade(requestID: requestID) }
            if problem.status == .internalServerError || problem == .notStorable {
                let metadata: Logger.Metadata = ["request_id": "\(requestID)", "error": "\(error)"]
                logger.error("a request failed", metadata: metadata)
            }
            return problem.response(requestID: requestID)
        }
    }

    static func problem(of error: any Error) -> Problem {
        switch error {
        case let error as Problem: error
        case is IngestRefusal: .badSignature
        case let error as OriginRefusal: error.problem
        case let error as EndpointError: problem(of: error)
        case let error as RequestError: problem(of: error)
        case let error as FixBatchError: problem(of: error)
        case let error as RateLimited:
            .rateLimited(limit: error.limit.rawValue, retryAfter: error.retryAfter.wholeSeconds)
        case let error as FleetError: problem(of: error)
        case let error as TooManySignIns: .tooManySignIns(retryAfter: error.retryAfter)
        case is OffLoopWork.Overloaded:
            .unavailable("The server is overloaded at present. Retry shortly.", retryAfter: 1)
        case let error as StoreError: problem(of: error)
        default: internalError
        }
    }

    private static let internalError = Problem(
        .internalServerError, "internal",
        detail: "The server failed to respond. Its log has the reason under the request id.")

    /// The endpoint itself adds the fields that the status requires.
    private static func problem(of error: EndpointError) -> Problem {
        Problem(error.status, kind(of: error.status), detail: "\(error)")
    }

    private static func problem(of error: RequestError) -> Problem {
        Problem(error.status, kind(of: error.status), detail: error.detail)
    }

    /// `Method Not Allowed` as `method-not-allowed`.
    private static func kind(of status: HTTPResponse.Status) -> String {
        status.reasonPhrase.lowercased().replacing(" ", with: "-")
    }

    private static func problem(of error: FixBatchError) -> Problem {
        switch error {
        case .malformed(let offset, let error):
            Problem(
                .badRequest, "malformed-json",
                detail: "The body is not acceptable JSON: \(error.detail) at byte \(offset).",
                errors: [.init(pointer: error.pointer, detail: error.detail)])
        case .invalid(let error):
            // An empty pointer means the whole body.
            Problem(
                .unprocessableContent, "invalid-fixes",
                detail:
                    "The body is not valid: \(error.pointer.isEmpty ? "it" : error.pointer) \(error.detail).",
                errors: [.init(pointer: error.pointer, detail: error.detail)])
        case .allRejected:
            Problem(
                .unprocessableContent, "invalid-fixes", detail: "No fix of the body is valid.",
                errors: error.fieldErrors.prefix(Problem.maximumErrors).map {
                    .init(pointer: $0.pointer, detail: $0.detail)
                })
        }
    }

    private static func problem(of error: FleetError) -> Problem {
        switch error {
        case .unknownFleet: .unknownFleet
        case .quarantined(let retryAfter):
            .unavailable(
                "This fleet is temporarily unavailable after repeated failures.",
                retryAfter: retryAfter.wholeSeconds)
        case .unavailable(let retryAfter, let reason):
            .unavailable(
                sentence(reason) ?? "The fleet could not be read or stored in time. Retry shortly.",
                retryAfter: retryAfter.wholeSeconds)
        case .overloaded(let retryAfter):
            .unavailable("Too many fixes wait to be stored.", retryAfter: retryAfter.wholeSeconds)
        case .noPlaceYet(let retryAfter):
            .unavailable(
                "Storage for that date is still being created. Retry shortly.",
                retryAfter: retryAfter.wholeSeconds)
        case .allRejected(let rejected, _): problem(of: FixBatchError.allRejected(rejected, ignored: []))
        case .notStorable: .notStorable
        case .refused: internalError
        }
    }

    private static func sentence(_ reason: String?) -> String? {
        reason.map { "\($0.prefix(1).uppercased())\($0.dropFirst()). Retry later." }
    }

    private static func problem(of error: StoreError) -> Problem {
        switch error.kind {
        case .unavailable where error.isBusy:
            .unavailable("Too many requests wait for the database. Retry shortly.", retryAfter: 1)
        case .unavailable, .notYet:
            .unavailable(
                sentence(error.reason) ?? "The database does not respond at present.", retryAfter: 1)
        case .notFound: .unauthorized
        case .rejected, .alreadyExists: internalError
        }
    }
}

extension Duration {
    /// Whole seconds, rounded up, for Retry-After.
    var wholeSeconds: Int {
        Int(clamping: components.seconds) &+ (components.attoseconds > 0 ? 1 : 0)
    }
}
