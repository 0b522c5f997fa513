from django.conf import settings
from django.db import models


class Article(models.Model):
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    title = models.CharField(max_length=200)
    body = models.TextField()


class Post(models.Model):
    slug = models.SlugField(primary_key=True)
    title = models.CharField(max_length=200)
    body = models.TextField()
