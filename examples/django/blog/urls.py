from django.urls import include, path
from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter()
router.register("articles", views.ArticleViewSet)
router.register("posts", views.PostViewSet)

urlpatterns = [
    path("ping", views.ping),
    path("api/login/", views.login),
    path("api/logout/", views.logout),
    path("api/", include(router.urls)),
]
