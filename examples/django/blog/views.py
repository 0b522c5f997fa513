"""The blog: articles that their authors change, posts to read, and a session."""
from django.contrib import auth
from rest_framework import permissions, serializers, viewsets
from rest_framework.decorators import api_view, permission_classes
from rest_framework.response import Response

from .models import Article, Post


class ArticleSerializer(serializers.ModelSerializer):
    class Meta:
        model = Article
        fields = ["id", "title", "body"]


class PostSerializer(serializers.ModelSerializer):
    class Meta:
        model = Post
        fields = ["slug", "title", "body"]


class AuthorOrAdmin(permissions.BasePermission):
    def has_object_permission(self, request, view, article):
        return request.method in permissions.SAFE_METHODS or request.user.is_staff or article.author == request.user


class ArticleViewSet(viewsets.ModelViewSet):
    queryset = Article.objects.order_by("id")
    serializer_class = ArticleSerializer
    permission_classes = [permissions.IsAuthenticatedOrReadOnly, AuthorOrAdmin]

    def get_object(self):
        return self.describe(super().get_object())

    def perform_create(self, serializer):
        self.describe(serializer.save(author=self.request.user))

    def perform_update(self, serializer):
        self.describe(serializer.save())

    def describe(self, article):
        """Says on the request's span which article it is about."""
        self.request.span_attributes.update({"article.id": article.pk, "article.title": article.title})
        return article


class PostViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Post.objects.order_by("slug")
    serializer_class = PostSerializer


class Credentials(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096)


@api_view(["POST"])
@permission_classes([permissions.AllowAny])
def login(request):
    given = Credentials(data=request.data)
    given.is_valid(raise_exception=True)
    user = auth.authenticate(request._request, **given.validated_data)
    if user is None:
        # Who it claimed to be: a name without an id.
        request.span_attributes["user.name"] = given.validated_data["username"]
        return Response({"detail": "wrong name or password"}, status=401)
    auth.login(request._request, user)
    return Response({"id": user.pk, "name": user.get_username()})


@api_view(["POST"])
@permission_classes([permissions.IsAuthenticated])
def logout(request):
    auth.logout(request._request)
    return Response(status=204)


@api_view(["GET"])
def ping(request):
    return Response({"ok": True})
