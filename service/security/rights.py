"""What a call needs: nothing, any token, or a token with a scope."""

from service.security.tokens import Scope

OPEN = frozenset(
    {
        "/grpc.health.v1.Health/Check",
        "/grpc.health.v1.Health/List",
        "/grpc.health.v1.Health/Watch",
        "/inference.GRPCInferenceService/ModelReady",
        "/inference.GRPCInferenceService/ServerLive",
        "/inference.GRPCInferenceService/ServerReady",
    }
)
"""Probes have no tokens, and learn only whether the server is well."""

ANY_TOKEN = frozenset(
    {
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "/inference.GRPCInferenceService/ModelMetadata",
        "/inference.GRPCInferenceService/ServerMetadata",
        "/nodelens.v1.NodeClassifierService/ListModels",
    }
)
"""What there is, for whoever may do anything with it."""

SCOPES = {
    "/inference.GRPCInferenceService/ModelInfer": Scope.SCORE,
    "/nodelens.v1.NodeClassifierService/Classify": Scope.SCORE,
    "/nodelens.v1.NodeClassifierService/ClassifyDicom": Scope.SCORE,
    "/nodelens.v1.NodeClassifierService/ClassifyStream": Scope.SCORE,
    "/nodelens.v1.NodeClassifierService/SubmitReview": Scope.REVIEW,
}


def scope_of(method: str) -> Scope | None:
    """
    The scope that a call needs; None is content with any token.

    Args:
        method: As ``/package.Service/Method``; not one of `OPEN`. What stands in no list is for administrators, so
            that a call that is forgotten here is open to nobody by mistake.
    """
    return None if method in ANY_TOKEN else SCOPES.get(method, Scope.ADMIN)
